"""Ways from the images of a candidate to features, one file each.

Each is a function `branch(images, parts, prefix)`: `images` `(batch, rows, columns,
layers)` symbolic, `parts` the `BranchParts` to build from, `prefix` the start of the
layers' names; it returns features `(batch, n)`.
"""
