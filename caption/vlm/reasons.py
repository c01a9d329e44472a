"""What asking a model may fail with; apart, because the client is slow to import."""

from __future__ import annotations

REASONS = {
    "awaiting_answers": "The requests are left for the next batch; see `partworks caption`.",
    "budget_reached": "The next request could cost more than is left of `vlm.budget`.",
    "endpoint_failed": "The model's endpoint gave no answer, after all tries.",
    "endpoint_refused": "The model's endpoint refuses all requests, such as for a wrong key.",
    "model_refused": "The model refuses to describe a picture.",
    "request_refused": "The model's endpoint refuses the request for one object.",
    "unreadable_answer": "Two answers to one question do not have the form that was asked for.",
    "wrong_picture": "Two answers to one question are about another picture than was sent.",
}
"""All of it can be retried."""

HALTING = frozenset({"budget_reached", "endpoint_refused"})
"""After these no other object would do better."""
