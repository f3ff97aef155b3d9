"""Python imports this at its start wherever `tests.faults.environment` put it on the path."""

import os

if os.environ.get("CORPUSFORGE_TEST_FAULTS"):
    from tests.faults import install_from_environment

    install_from_environment()
