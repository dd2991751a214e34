import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** `java Transact.java BOOTSTRAP TOPIC`: writes `aborted` in a transaction that is aborted, then `committed` in one that is committed. */
public final class Transact {
  public static void main(String[] arguments) throws Exception {
    var properties = new Properties();
    properties.put("bootstrap.servers", arguments[0]);
    properties.put("transactional.id", "tx-" + arguments[1]);
    try (var producer = new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(arguments[1], "aborted")).get();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(arguments[1], "committed")).get();
      producer.commitTransaction();
    }
  }
}
