import importlib
import pkgutil

import keras
import pytest

import kerashep.zoo
from kerashep.zoo import create_model, list_models, model_class, register_model
from kerashep.zoo import registry as registry_module
from kerashep.zoo.catalogue import BUILT_IN


@pytest.fixture(autouse=True)
def _own_table(monkeypatch):
    """Names registered by a test are forgotten afterwards."""
    for name in BUILT_IN:
        model_class(name)
    monkeypatch.setattr(registry_module, "_MODELS", dict(registry_module._MODELS))


def test_catalogue_is_what_the_package_registers():
    for module in pkgutil.iter_modules(kerashep.zoo.__path__, "kerashep.zoo."):
        importlib.import_module(module.name)
    registered = {
        name: (cls.__module__, cls.__name__)
        for name, cls in registry_module._MODELS.items()
        if cls.__module__.startswith("kerashep.zoo.")
    }
    assert registered == {
        name: (f"kerashep.zoo.{name}", cls) for name, cls in BUILT_IN.items()
    }


def test_list_models_by_pattern():
    assert list_models("*pnn") == ["affine_pnn"]
    assert set(list_models()) >= set(BUILT_IN)
    assert list_models() == sorted(list_models())


def test_create_model():
    model = create_model("single_nn", num_features=4, units=[3], name="mine")
    assert type(model) is model_class("single_nn")
    assert (model.name, model.count_params()) == ("mine", 5 * 3 + 4)


def test_users_own_model():
    @register_model("my_network")
    class MyNetwork(keras.Model):
        def __init__(self, width, **kwargs):
            x = keras.Input((width,), name="x")
            super().__init__({"x": x}, keras.layers.Dense(1)(x), **kwargs)

    assert "my_network" in list_models()
    assert type(create_model("my_network", width=2, name="any")) is MyNetwork


def test_unknown_model_names_the_closest():
    with pytest.raises(ValueError, match=r"Unknown model 'afine_pn'.*'affine_pnn'\?"):
        create_model("afine_pn")


def test_unknown_argument_names_the_closest():
    message = r"'affine_pnn' has no argument 'droput'\. Did you mean 'dropout'\?"
    with pytest.raises(ValueError, match=message):
        create_model("affine_pnn", num_features=4, droput=0.1)


@pytest.mark.parametrize("taken", ["affine_pnn", "my_network"])
def test_taken_name_raises(taken):
    class First:
        pass

    class Second:
        pass

    if taken not in BUILT_IN:
        register_model(taken)(First)
    with pytest.raises(ValueError, match=rf"'{taken}' is taken by .*Second"):
        register_model(taken)(Second)


def test_class_defined_again_replaces_itself():
    def cell():
        @register_model("my_network")
        class Network:
            pass

        return Network

    cell()
    second = cell()
    assert model_class("my_network") is second


def test_unknown_attribute_of_the_package():
    with pytest.raises(AttributeError, match="no attribute 'AfinePNN'"):
        kerashep.zoo.AfinePNN  # noqa: B018
    assert "AffinePNN" in dir(kerashep.zoo)
