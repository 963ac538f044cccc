"""The example in the docstring of every layer and model runs as printed."""

import doctest
import importlib
import inspect

import keras
import pytest

import kerashep.layers
import kerashep.zoo

CLASSES = [
    getattr(package, name)
    for package in (kerashep.layers, kerashep.zoo)
    for name in package.__all__
    if inspect.isclass(getattr(package, name))
]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_example(cls):
    module = importlib.import_module(cls.__module__)
    result = doctest.testmod(module, extraglobs={"keras": keras})
    assert result.attempted > 0
    assert result.failed == 0
