"""`python -m sync` is `imsync`."""

from sync.cli.main import main

main()
