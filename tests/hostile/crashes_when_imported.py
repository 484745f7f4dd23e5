"""A product that cannot even be imported."""

raise RuntimeError("this machine is not licensed")
