"""A member of librdkafka in a group of the consumer protocol: prints the value of each record, and leaves when it is asked to end.

consumer_member.py BOOTSTRAP TOPIC GROUP
"""
import signal
import sys

from confluent_kafka import Consumer

POLL_S = 0.1


def main(bootstrap, topic, group):
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    options = {"bootstrap.servers": bootstrap, "group.id": group, "group.protocol": "consumer"}
    consumer = Consumer({**options, "auto.offset.reset": "earliest", "auto.commit.interval.ms": 100})
    consumer.subscribe([topic])
    while not ended:
        message = consumer.poll(POLL_S)
        if message is not None and not message.error():
            print(message.value().decode(), flush=True)
    consumer.close()


main(*sys.argv[1:])
