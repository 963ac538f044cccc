from kerashep.jobs.catalogue import catalogue


def test_models_data_sets_recipes_and_searches_each_with_a_description():
    sections = catalogue()
    assert list(sections) == ["models", "datasets", "recipes", "searches"]
    assert all(entry.description for entries in sections.values() for entry in entries)
    names = {entry.name for entry in sections["recipes"]}
    assert {"affine_pnn_resonance", "affine_pnn_hepmass"} <= names
