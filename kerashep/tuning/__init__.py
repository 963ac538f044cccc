"""Hyperparameter searches: spaces, the k-fold tuner, trial tables, trial plots."""
