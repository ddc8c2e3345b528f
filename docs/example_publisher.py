"""How does a one-stop system publish what happens? An example, with kafka-python and nothing else.

python docs/example_publisher.py localhost:9092 dossiers

Each change is one event, written to the system's own outbox in the same transaction as the change
itself, and sent from there. The id is the outbox's: an event that is sent again has the same one,
and counts once. An event leaves the outbox once the broker has acknowledged it, never before.
"""

import json
import sys

from kafka import KafkaProducer

DOSSIER = "000.00.00.H52-230315-0001"
FACTS = {"agency": "H52.01", "field": "Đất đai", "procedure": "1.004199", "channel": "online"}
ALLOWANCE = {"value": 15, "unit": "working_days"}
OUTBOX = [  # id, dossier, what happened, when, and what is to be known of it
    ("o-1", DOSSIER, "received", "2023-03-15T08:12:44+07:00", FACTS | {"allowance": ALLOWANCE}),
    ("o-2", DOSSIER, "supplement_requested", "2023-03-17T10:05:00+07:00", {}),
    ("o-3", DOSSIER, "supplemented", "2023-03-20T14:30:00+07:00", {}),
    ("o-4", DOSSIER, "resolved", "2023-04-05T16:00:00+07:00", {"outcome": "granted"}),
]

servers, topic = sys.argv[1:]
producer = KafkaProducer(bootstrap_servers=servers, enable_idempotence=True, acks="all")
sent = []
for number, dossier, kind, time, data in OUTBOX:
    event = {"specversion": "1.0", "id": number, "source": "/h52/motcua", "subject": dossier}
    event |= {"type": f"dossier.{kind}.v1", "time": time, "data": data}
    value = json.dumps(event, ensure_ascii=False).encode()
    sent.append((number, producer.send(topic, key=dossier.encode(), value=value)))
for number, future in sent:
    place = future.get(timeout=60)  # raises where the broker has not acknowledged it
    print(f"{number}: {place.topic}/{place.partition}@{place.offset}")
producer.close()
