"""Arguments of losses that are one number a batch."""

from typing import Any

from keras import ops


def one_an_event(name: str, values: Any, dtype: Any) -> Any:
    """`values` as a tensor `(batch_size,)`.

    Raises:
        ValueError: If they are not `(batch_size,)` or `(batch_size, 1)`.
    """
    tensor = ops.convert_to_tensor(values, dtype)
    if len(tensor.shape) > 2 or (len(tensor.shape) == 2 and tensor.shape[1] != 1):
        raise ValueError(
            f"`{name}` must have shape (batch_size,) or (batch_size, 1), one value an "
            f"event. Received: shape {tuple(tensor.shape)}."
        )
    return ops.reshape(tensor, (-1,))
