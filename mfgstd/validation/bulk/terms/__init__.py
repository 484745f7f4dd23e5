"""What can be wrong with a row, as expressions that count: by schemas, by record rules.

``constraints`` lists the terms of an entity. ``checks`` makes those of each kind of node,
``scalars`` those of one value; ``alphabet`` looks at long texts of few letters, such as hashes,
without an expression.
"""
