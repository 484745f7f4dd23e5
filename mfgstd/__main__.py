"""``python -m mfgstd`` is the command ``mfgstd``."""

import sys

from mfgstd.cli import main

if __name__ == "__main__":
    sys.exit(main())
