"""What Python's Kafka clients do for broker-clients.test.ts: `clients.py LIBRARY ACTION BOOTSTRAP TOPIC [GROUP | COUNT]`.

Values to be written come by standard input, a line each; values read leave by standard output, likewise. A member lives until its
standard input ends.
"""

import asyncio
import sys
import threading

EARLIEST = "earliest"
SESSION_MS = 6000


class Confluent:
    def __init__(self, bootstrap):
        self.to = {"bootstrap.servers": bootstrap}

    def _producer(self, **more):
        import confluent_kafka

        return confluent_kafka.Producer({**self.to, **more})

    def _consumer(self, group):
        import confluent_kafka

        options = {"group.id": group, "auto.offset.reset": EARLIEST, "session.timeout.ms": SESSION_MS}
        return confluent_kafka.Consumer({**self.to, **options})

    def produce(self, topic, values):
        producer = self._producer()
        for value in values:
            producer.produce(topic, value)
        assert producer.flush(20) == 0

    def consume(self, topic, count):
        consumer = self._consumer("read-" + topic)
        consumer.subscribe([topic])
        values = []
        while len(values) < count:
            message = consumer.poll(1)
            if message is not None and not message.error():
                values.append(message.value().decode())
        consumer.close()
        return values

    def transact(self, topic):
        producer = self._producer(**{"transactional.id": "tx-" + topic})
        producer.init_transactions(20)
        for value, end in (("aborted", producer.abort_transaction), ("committed", producer.commit_transaction)):
            producer.begin_transaction()
            producer.produce(topic, value)
            producer.flush(20)
            end(20)

    def member(self, topic, group, ended):
        consumer = self._consumer(group)
        consumer.subscribe([topic])
        while not ended.is_set():
            consumer.poll(0.2)
        consumer.close()


class KafkaPython:
    def __init__(self, bootstrap):
        self.to = {"bootstrap_servers": bootstrap}

    def _consumer(self, topic, group):
        import kafka

        options = {"group_id": group, "auto_offset_reset": EARLIEST, "session_timeout_ms": SESSION_MS, "heartbeat_interval_ms": 200}
        return kafka.KafkaConsumer(topic, **options, **self.to)

    def produce(self, topic, values):
        import kafka

        producer = kafka.KafkaProducer(**self.to)
        for sent in [producer.send(topic, value.encode()) for value in values]:
            sent.get(20)
        producer.close()

    def consume(self, topic, count):
        consumer = self._consumer(topic, "read-" + topic)
        values = []
        while len(values) < count:
            values += [record.value.decode() for records in consumer.poll(1000).values() for record in records]
        consumer.close()
        return values

    def transact(self, topic):
        import kafka

        producer = kafka.KafkaProducer(transactional_id="tx-" + topic, **self.to)
        producer.init_transactions()
        for value, end in (("aborted", producer.abort_transaction), ("committed", producer.commit_transaction)):
            producer.begin_transaction()
            producer.send(topic, value.encode()).get(20)
            end()
        producer.close()

    def member(self, topic, group, ended):
        consumer = self._consumer(topic, group)
        while not ended.is_set():
            consumer.poll(200)
        consumer.close()


class AioKafka:
    def __init__(self, bootstrap):
        self.to = {"bootstrap_servers": bootstrap}

    def _consumer(self, topic, group):
        import aiokafka

        options = {"group_id": group, "auto_offset_reset": EARLIEST, "session_timeout_ms": SESSION_MS, "heartbeat_interval_ms": 200}
        return aiokafka.AIOKafkaConsumer(topic, isolation_level="read_committed", **options, **self.to)

    def produce(self, topic, values):
        import aiokafka

        async def run():
            async with aiokafka.AIOKafkaProducer(**self.to) as producer:
                for value in values:
                    await producer.send_and_wait(topic, value.encode())

        asyncio.run(run())

    def consume(self, topic, count):
        async def run():
            async with self._consumer(topic, "read-" + topic) as consumer:
                return [(await consumer.getone()).value.decode() for _ in range(count)]

        return asyncio.run(run())

    def transact(self, topic):
        import aiokafka

        async def run():
            async with aiokafka.AIOKafkaProducer(transactional_id="tx-" + topic, **self.to) as producer:
                for value, end in (("aborted", producer.abort_transaction), ("committed", producer.commit_transaction)):
                    await producer.begin_transaction()
                    await producer.send_and_wait(topic, value.encode())
                    await end()

        asyncio.run(run())

    def member(self, topic, group, ended):
        async def run():
            async with self._consumer(topic, group) as consumer:
                while not ended.is_set():
                    await consumer.getmany(timeout_ms=200)

        asyncio.run(run())


LIBRARIES = {"confluent-kafka": Confluent, "kafka-python": KafkaPython, "aiokafka": AioKafka}


def main(library, action, bootstrap, topic, more=""):
    client = LIBRARIES[library](bootstrap)
    if action == "produce":
        client.produce(topic, sys.stdin.read().split())
    elif action == "consume":
        print("\n".join(client.consume(topic, int(more))))
    elif action == "transact":
        client.transact(topic)
    else:
        ended = threading.Event()
        threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
        client.member(topic, more, ended)


main(*sys.argv[1:])
