"""Keras 3 model zoo for high-energy physics."""

__version__ = "0.1.0"
