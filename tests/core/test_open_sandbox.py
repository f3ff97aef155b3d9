"""What a child of a worker uses is loaded before the fork, and code of others is not."""

from corpusforge import steps
from corpusforge.config import StepsConfig


def test_a_worker_loads_models_once_and_no_step_of_ones_own(monkeypatch):
    loaded = []
    monkeypatch.setattr(steps, "forks_here", lambda: True)
    monkeypatch.setattr(steps.gc, "freeze", lambda: None)
    monkeypatch.setattr(steps, "load_tools", lambda config: loaded.append(config) or steps.Tools(None, None))
    monkeypatch.setattr(steps, "walk_first", lambda config, tools, first: None)
    steps.open_sandbox(StepsConfig().model_copy(update={"own_steps": ("theirs",)}))
    assert [config.own_steps for config in loaded] == [()]


def test_what_cannot_be_loaded_is_told_by_the_child(monkeypatch):
    def fail(config):
        raise ValueError("a model is missing")

    monkeypatch.setattr(steps, "forks_here", lambda: True)
    monkeypatch.setattr(steps, "load_tools", fail)
    steps.open_sandbox(StepsConfig())
