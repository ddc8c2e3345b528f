"""Publishes the events of a one-stop system to Kafka: an example that needs only kafka-python.

python docs/example_publisher.py localhost:9092 dossiers

The system writes each change as one event into an outbox table, in the same transaction as the
change itself. This program sends the events of the outbox. The id is that of the outbox row: an
event that is sent twice has the same id, and counts once. The system removes an event from the
outbox only after the broker has acknowledged it.

The first dossier comes in online. The second one is taken in by another office than the competent
one, and is entered again under another code.
"""

import json
import sys

from kafka import KafkaProducer

ONE, TWO, AGAIN = (f"000.00.00.H52-260812-{number:04}" for number in (1, 2, 3))
LAND = {"agency": "H52.11", "field": "Đất đai", "procedure": "1.004199", "level": "province"}
DAYS = {"allowance": {"value": 15, "unit": "working_days"}}
ONLINE = {"channel": "online", "online_service": "full"}
ELSEWHERE = {"channel": "in_person", "received_at": "H52.33", "official": "H52.33-04"}
CLERK = {"official": "H52.11-02"}  # an opaque code, never a name; optional in every event
OUTBOX = [  # dossier, kind of event, time, data
    (ONE, "received", "2026-08-12T08:12:44+07:00", LAND | DAYS | ONLINE),
    (ONE, "supplement_requested", "2026-08-14T10:05:00+07:00", CLERK | {"reason": "paper_missing"}),
    (ONE, "supplemented", "2026-08-17T14:30:00+07:00", {}),
    (ONE, "rescheduled", "2026-09-04T09:00:00+07:00", {"due": "2026-09-11", "apology": True}),
    (ONE, "resolved", "2026-09-10T16:00:00+07:00", CLERK | {"outcome": "granted"}),
    (TWO, "received", "2026-08-12T09:20:10+07:00", LAND | DAYS | ELSEWHERE),
    (TWO, "arrived", "2026-08-13T08:00:00+07:00", CLERK),
    (TWO, "reassigned", "2026-08-18T15:40:00+07:00", {"agency": "H52.33", "level": "commune"}),
    (TWO, "cancelled", "2026-08-20T10:00:00+07:00", {"reason": "re_entered", "replaced_by": AGAIN}),
]

servers, topic = sys.argv[1:]
producer = KafkaProducer(bootstrap_servers=servers, enable_idempotence=True, acks="all")
sent = []
for row, (dossier, kind, time, data) in enumerate(OUTBOX, start=1):
    event = {"specversion": "1.0", "id": f"o-{row}", "source": "/h52/motcua", "subject": dossier}
    event |= {"type": f"dossier.{kind}.v1", "time": time, "data": data}
    value = json.dumps(event, ensure_ascii=False).encode()
    sent.append((event["id"], producer.send(topic, key=dossier.encode(), value=value)))
for event_id, future in sent:
    record = future.get(timeout=60)  # raises an error if the broker has not acknowledged it
    print(f"{event_id}: {record.topic}/{record.partition}@{record.offset}")
producer.close()
