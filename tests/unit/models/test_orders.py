"""What goes to the worker before it is asked anything: its environment, and messages that strict providers take.

Both are rules without I/O; what the worker makes of them is in `test_litellm_model.py`.
"""

from __future__ import annotations

from moa_lsp.discussion.values import Message
from moa_lsp.models.litellm_model import joined
from moa_lsp.models.worker_client import Order, worker_environment


def test_neighbours_of_one_role_are_joined() -> None:
    thread = (
        Message("system", "Be brief."),
        Message("user", "One."),
        Message("user", "Two."),
        Message("assistant", "Yes."),
        Message("user", "Three."),
    )
    assert [(message.role, message.text) for message in joined(thread)] == [
        ("system", "Be brief."),
        ("user", "One.\n\nTwo."),
        ("assistant", "Yes."),
        ("user", "Three."),
    ]


def test_the_workers_environment_holds_no_address_and_no_key() -> None:
    given = {
        "PATH": "/bin",
        "HTTPS_PROXY": "http://proxy",
        "no_proxy": "localhost",
        "AWS_REGION": "eu-1",
        "AZURE_API_VERSION": "2025",
        "OPENAI_API_KEY": "sk-1",
        "OPENAI_BASE_URL": "http://elsewhere",
        "ANTHROPIC_API_BASE": "http://elsewhere",
        "AWS_ENDPOINT_URL": "http://elsewhere",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://elsewhere",
        "PYTHONPATH": "/workspace",
        "LITELLM_MODEL_COST_MAP_URL": "http://elsewhere",
    }
    passed = ["PATH", "HTTPS_PROXY", "no_proxy", "AWS_REGION", "AZURE_API_VERSION"]
    assert list(worker_environment(given)) == passed


def test_an_order_does_not_show_its_key() -> None:
    order = Order("openai/gpt-4o", (), key="zebra", headers={"authorization": "tiger"})
    assert "zebra" not in repr(order)
    assert "tiger" not in repr(order)
