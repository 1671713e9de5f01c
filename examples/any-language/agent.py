"""An agent in a language that Fleetscope has no package for: plain OTLP/HTTP with the catalogue's names (docs/names.md).

Python 3.9 and nothing else. `python3 agent.py [endpoint]`; the default is the Collector on this machine.
With OpenTelemetry's own SDK it is less: set OTEL_EXPORTER_OTLP_ENDPOINT and use the same names.
"""
import json
import os
import secrets
import sys
import time
import urllib.request

ENDPOINT = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318")
RESOURCE = {"service.name": "agent-in-python", "service.instance.id": secrets.token_hex(8)}
SCOPE = {"name": "agent.py"}


def value(of):
    if isinstance(of, bool):
        return {"boolValue": of}
    if isinstance(of, int):
        return {"intValue": str(of)}
    if isinstance(of, float):
        return {"doubleValue": of}
    return {"stringValue": str(of)}


def attributes(of):
    return [{"key": key, "value": value(content)} for key, content in of.items()]


def send(signal, kind, scoped):
    body = {kind: [{"resource": {"attributes": attributes(RESOURCE)}, **scoped}]}
    request = urllib.request.Request(
        f"{ENDPOINT}/v1/{signal}", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        problem = json.load(answer).get("partialSuccess")
        if problem:
            sys.exit(f"Refused by {ENDPOINT}: {problem}")


def nanos():
    return str(time.time_ns())


def main():
    labels = {"agent.name": "librarian", "task.type": "lookup"}
    trace_id, span_id, began = secrets.token_hex(16), secrets.token_hex(8), nanos()
    words = sorted(set(open(__file__, encoding="utf-8").read().split()))  # the work
    ended = nanos()
    seconds = (int(ended) - int(began)) / 1e9

    span = {
        "traceId": trace_id,
        "spanId": span_id,
        "name": "task.execute",
        "kind": 1,
        "startTimeUnixNano": began,
        "endTimeUnixNano": ended,
        "attributes": attributes({**labels, "outcome": "success", "agent.task.id": span_id}),
    }
    send("traces", "resourceSpans", {"scopeSpans": [{"scope": SCOPE, "spans": [span]}]})

    def counter(name):
        point = {"attributes": attributes(labels), "startTimeUnixNano": began, "timeUnixNano": ended, "asInt": "1"}
        return {"name": name, "unit": "{task}", "sum": {"dataPoints": [point], "aggregationTemporality": 2, "isMonotonic": True}}

    bounds = [0.1, 1, 10]
    duration = {
        "attributes": attributes({**labels, "outcome": "success"}),
        "startTimeUnixNano": began,
        "timeUnixNano": ended,
        "count": "1",
        "sum": seconds,
        "explicitBounds": bounds,
        "bucketCounts": [str(int(low < seconds <= high)) for low, high in zip([-1, *bounds], [*bounds, float("inf")])],
    }
    metrics = [
        counter("agent.tasks.started"),
        counter("agent.tasks.completed"),
        {"name": "agent.task.duration", "unit": "s", "histogram": {"dataPoints": [duration], "aggregationTemporality": 2}},
    ]
    send("metrics", "resourceMetrics", {"scopeMetrics": [{"scope": SCOPE, "metrics": metrics}]})

    record = {
        "timeUnixNano": ended,
        "severityNumber": 9,
        "severityText": "INFO",
        "body": value(f"{len(words)} words"),
        "traceId": trace_id,
        "spanId": span_id,
        "attributes": attributes({"component": "librarian"}),
        "eventName": "fleet.log",
    }
    send("logs", "resourceLogs", {"scopeLogs": [{"scope": SCOPE, "logRecords": [record]}]})
    print(trace_id)


main()
