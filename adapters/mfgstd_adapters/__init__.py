"""The adapters of this distribution, one module or package per foreign system."""
