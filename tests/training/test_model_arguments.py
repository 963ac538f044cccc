import keras
import pytest

from kerashep.training.model_arguments import check_model_arguments, takes_parameters
from kerashep.zoo.registry import list_models


def test_models_that_take_a_mass():
    takes = {name for name in list_models("*nn*") if takes_parameters(name)}
    assert {"affine_pnn", "parametric_nn", "individual_nns"} <= takes
    assert not takes_parameters("single_nn")
    assert not takes_parameters("dense_classifier")


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        (
            "affine_pnn",
            {"units": "hello"},
            r"`model\.arguments\.units` .*a list of integers, such as \[300, .*'hello'",
        ),
        ("affine_pnn", {"units": 5}, "a list of integers, such as .*Received: 5"),
        ("affine_pnn", {"units": [8, 2.5]}, r"list of integers.*Received: \[8, 2\.5\]"),
        ("affine_pnn", {"dropout": "much"}, "must be a number, such as 0.0"),
        ("affine_pnn", {"kind": 3}, "must be a text, such as affine"),
        ("affine_pnn", {"parameter_scale": "x"}, "a number or a list of numbers"),
        ("parallel_net", {"deep_width": "x"}, "must be an integer or null. Received"),
    ],
)
def test_argument_of_another_type(name, given, words):
    with pytest.raises(ValueError, match=words):
        check_model_arguments(name, given)


@pytest.mark.parametrize(
    "given",
    [
        {"units": [8, 4], "dropout": 0, "activation": "swish", "parameter_scale": 1},
        {"parameter_scale": [1000.0, 1.0], "name": None},
        {"unknown": 3},  # create_model names the closest one
    ],
)
def test_fitting_arguments(given):
    check_model_arguments("affine_pnn", given)


def test_types_that_are_no_plain_values_are_left_to_the_model(monkeypatch):
    class OwnTypes:
        def __init__(self, layer: keras.layers.Layer) -> None:
            self.layer = layer

    place = "kerashep.training.model_arguments.model_class"
    monkeypatch.setattr(place, lambda _: OwnTypes)
    check_model_arguments("own", {"layer": "anything"})
