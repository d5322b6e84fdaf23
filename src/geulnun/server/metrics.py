"""What the server counts, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

#: Bounds of seconds: a character takes hundredths, a page about one, a long PDF minutes.
_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counters, gauges and histograms of one server, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.requests = Counter(
            "geulnun_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self.seconds = Histogram(
            "geulnun_request_seconds", "From a request's head to its answer's end.", ("route",), buckets=_SECONDS,
            registry=registry,
        )  # fmt: skip
        self.waits = Histogram(
            "geulnun_queue_wait_seconds", "What a task waited for a worker.", ("task",), buckets=_SECONDS,
            registry=registry,
        )  # fmt: skip
        self.tasks = Histogram(
            "geulnun_task_seconds", "What a worker took for a task.", ("task",), buckets=_SECONDS, registry=registry
        )
        self.pages = Counter("geulnun_pages", "Pages read.", registry=registry)
        self.problems = Counter("geulnun_problems", "Errors answered, by kind.", ("kind",), registry=registry)
        self.replaced = Counter("geulnun_workers_replaced", "Workers replaced, by reason.", ("why",), registry=registry)
        self.admitted = Gauge("geulnun_requests_admitted", "Requests that are read or wait to be.", registry=registry)
        self.held = Gauge("geulnun_bodies_bytes", "Bytes of bodies held in memory.", registry=registry)
        self.idle = Gauge("geulnun_workers_idle", "Workers that wait for a task.", registry=registry)
        self.occupied = Gauge(
            "geulnun_worker_bytes", "Memory that a worker occupied after its last task.", ("worker",), registry=registry
        )

    def written(self) -> bytes:
        """All of it in the text format that Prometheus reads."""
        return generate_latest(self._registry)
