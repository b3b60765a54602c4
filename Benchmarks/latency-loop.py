"""The plain way to land a topic in Postgres, to compare netflix-consumer with: poll, upsert, commit.

Arguments: bootstrap servers, topic, table, database URL.
"""
import json
import sys

import psycopg
from confluent_kafka import Consumer

servers, topic, table, url = sys.argv[1:]
upsert = f"""
    INSERT INTO {table} (id, name, amount) VALUES (%(id)s, %(name)s, %(amount)s)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, amount = excluded.amount
    """
consumer = Consumer(
    {"bootstrap.servers": servers, "group.id": table, "auto.offset.reset": "earliest", "enable.auto.commit": False})
consumer.subscribe([topic])
with psycopg.connect(url) as connection, connection.cursor() as cursor:
    while True:
        first = consumer.poll(1.0)
        if first is None:
            continue
        # Waits for one message only, and takes what is there beside it.
        messages = [first] + consumer.consume(499, timeout=0)
        for message in messages:
            if message.error():
                sys.exit(str(message.error()))
        cursor.executemany(upsert, [json.loads(message.value()) for message in messages])
        connection.commit()
        consumer.commit(asynchronous=True)
