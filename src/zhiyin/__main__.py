"""`python -m zhiyin`: the command line."""

import sys

from zhiyin.cli import main

if __name__ == "__main__":
    sys.exit(main())
