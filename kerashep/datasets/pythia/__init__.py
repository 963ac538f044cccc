"""Events generated with Pythia 8 and FastJet, both GPL: the extra `pythia`."""
