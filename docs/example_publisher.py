"""Publishes the events of a one-stop system to Kafka: an example that needs only kafka-python.

python docs/example_publisher.py localhost:9092 dossiers

The system writes each change as one event into an outbox table, in the same transaction as the
change itself. This program sends the events of the outbox. The id is that of the outbox row: an
event that is sent twice has the same id, and counts once. The system removes an event from the
outbox only after the broker has acknowledged it.
"""

import json
import sys

from kafka import KafkaProducer

DOSSIER = "000.00.00.H52-230315-0001"
FACTS = {"agency": "H52.01", "field": "Đất đai", "procedure": "1.004199", "channel": "online"}
ALLOWANCE = {"value": 15, "unit": "working_days"}
OUTBOX = [  # id, dossier, kind of event, time, data
    ("o-1", DOSSIER, "received", "2023-03-15T08:12:44+07:00", FACTS | {"allowance": ALLOWANCE}),
    ("o-2", DOSSIER, "supplement_requested", "2023-03-17T10:05:00+07:00", {}),
    ("o-3", DOSSIER, "supplemented", "2023-03-20T14:30:00+07:00", {}),
    ("o-4", DOSSIER, "resolved", "2023-04-05T16:00:00+07:00", {"outcome": "granted"}),
]

servers, topic = sys.argv[1:]
producer = KafkaProducer(bootstrap_servers=servers, enable_idempotence=True, acks="all")
sent = []
for event_id, dossier, kind, time, data in OUTBOX:
    event = {"specversion": "1.0", "id": event_id, "source": "/h52/motcua", "subject": dossier}
    event |= {"type": f"dossier.{kind}.v1", "time": time, "data": data}
    value = json.dumps(event, ensure_ascii=False).encode()
    sent.append((event_id, producer.send(topic, key=dossier.encode(), value=value)))
for event_id, future in sent:
    record = future.get(timeout=60)  # raises an error if the broker has not acknowledged it
    print(f"{event_id}: {record.topic}/{record.partition}@{record.offset}")
producer.close()
