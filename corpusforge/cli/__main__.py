"""`python -m corpusforge.cli`."""

from corpusforge.cli import main

if __name__ == "__main__":
    main()
