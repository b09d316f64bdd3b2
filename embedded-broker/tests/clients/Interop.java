import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.*;

/**
 * The official clients as an application uses them: producer, consumers of both group protocols, admin.
 * The only argument is bootstrap.servers. Ends with 0 when everything was as it is with Kafka.
 */
public class Interop {
    static final String TOPIC = "orders";
    static final int PARTITIONS = 3;
    static final int MESSAGES = 300;
    static final long START = 1_700_000_000_000L;

    public static void main(String[] arguments) throws Exception {
        String servers = arguments[0];
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", servers))) {
            topics(admin);
            produce(servers, admin);
            for (String protocol : List.of("classic", "consumer")) {
                consume(servers, admin, protocol);
            }
            offsetsByTime(servers);
            settings(admin);
            records(admin);
        }
        System.out.println("all is as it is with Kafka");
    }

    static void topics(Admin admin) throws Exception {
        admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 3))).all().get();
        TopicDescription described = admin.describeTopics(List.of(TOPIC)).allTopicNames().get().get(TOPIC);
        equal("partitions", PARTITIONS, described.partitions().size());
        described.partitions().forEach(partition -> equal("in-sync replicas", 3, partition.isr().size()));
        equal("nodes", 3, admin.describeCluster().nodes().get().size());
        equal("topics", Set.of(TOPIC), admin.listTopics().names().get());
    }

    /** Idempotent, as the Java producer is unless told otherwise; each message says its number. */
    static void produce(String servers, Admin admin) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", servers, "linger.ms", 5, "compression.type", "lz4");
        try (Producer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            List<java.util.concurrent.Future<RecordMetadata>> sent = new ArrayList<>();
            for (int number = 0; number < MESSAGES; number++) {
                ProducerRecord<String, String> record = new ProducerRecord<>(
                        TOPIC, number % PARTITIONS, START + number, "key-" + number, Integer.toString(number));
                record.headers().add("schema-version", "2".getBytes(StandardCharsets.UTF_8));
                sent.add(producer.send(record));
            }
            for (int number = 0; number < MESSAGES; number++) {
                equal("offset of " + number, (long) (number / PARTITIONS), sent.get(number).get().offset());
            }
        }
        DescribeProducersResult.PartitionProducerState state =
                admin.describeProducers(List.of(partition(0))).partitionResult(partition(0)).get();
        equal("producers of a partition", 1, state.activeProducers().size());
        equal("its last sequence", MESSAGES / PARTITIONS - 1, state.activeProducers().get(0).lastSequence());
    }

    /** Two members of a group read everything once, commit and leave; a third goes on where they were. */
    static void consume(String servers, Admin admin, String protocol) throws Exception {
        String group = protocol + "-readers";
        Map<String, Object> settings = Map.of("bootstrap.servers", servers, "group.id", group, "group.protocol", protocol,
                "auto.offset.reset", "earliest", "enable.auto.commit", false, "client.id", "reader");
        Set<Integer> seen = new TreeSet<>();
        try (Consumer<String, String> first = consumer(settings); Consumer<String, String> second = consumer(settings)) {
            first.subscribe(List.of(TOPIC));
            second.subscribe(List.of(TOPIC));
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (seen.size() < MESSAGES || first.assignment().isEmpty() || second.assignment().isEmpty()) {
                require("both members read within a minute: " + seen.size(), System.nanoTime() < deadline);
                for (Consumer<String, String> member : List.of(first, second)) {
                    for (ConsumerRecord<String, String> record : member.poll(Duration.ofMillis(100))) {
                        int number = Integer.parseInt(record.value());
                        seen.add(number);
                        equal("time", START + number, record.timestamp());
                        equal("key", "key-" + number, record.key());
                        equal("header", "2", new String(record.headers().lastHeader("schema-version").value()));
                    }
                    commit(member);
                }
            }
            ConsumerGroupDescription described =
                    admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get();
            equal("members", 2, described.members().size());
            equal("type", protocol, described.type().toString().toLowerCase(Locale.ROOT));
            int assigned = 0;
            for (MemberDescription member : described.members()) {
                equal("host", "/127.0.0.1", member.host());
                assigned += member.assignment().topicPartitions().size();
            }
            equal("assigned partitions", PARTITIONS, assigned);
        }
        Map<TopicPartition, OffsetAndMetadata> committed =
                admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        for (int number = 0; number < PARTITIONS; number++) {
            equal("committed", (long) (MESSAGES / PARTITIONS), committed.get(partition(number)).offset());
        }
        try (Consumer<String, String> third = consumer(settings)) {
            third.subscribe(List.of(TOPIC));
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (third.assignment().size() < PARTITIONS) {
                require("the third member has all within half a minute", System.nanoTime() < deadline);
                equal("messages again", 0, third.poll(Duration.ofMillis(100)).count());
            }
        }
        admin.deleteConsumerGroups(List.of(group)).all().get();
        try {
            admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get();
            throw new AssertionError("a deleted group is described");
        } catch (ExecutionException error) {
            require("no such group: " + error, error.getCause() instanceof GroupIdNotFoundException);
        }
    }

    /** A member of a generation that is over may not commit; what it read comes again. */
    static void commit(Consumer<String, String> member) {
        try {
            member.commitSync();
        } catch (CommitFailedException | org.apache.kafka.common.errors.RebalanceInProgressException error) {
            System.out.println("not committed: " + error.getMessage());
        }
    }

    static void offsetsByTime(String servers) {
        Map<String, Object> settings = Map.of("bootstrap.servers", servers);
        try (Consumer<String, String> consumer = consumer(settings)) {
            // Message 150 is the fiftieth of partition 0.
            Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(Map.of(partition(0), START + 149));
            equal("offset by time", 50L, found.get(partition(0)).offset());
            equal("its time", START + 150, found.get(partition(0)).timestamp());
            equal("end", Map.of(partition(1), 100L), consumer.endOffsets(List.of(partition(1))));
        }
    }

    static void settings(Admin admin) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
        AlterConfigOp change = new AlterConfigOp(new ConfigEntry("retention.ms", "60000"), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(topic, List.of(change))).all().get();
        Config config = admin.describeConfigs(List.of(topic)).all().get().get(topic);
        equal("retention.ms", "60000", config.get("retention.ms").value());
        require("it is not a default", !config.get("retention.ms").isDefault());
        AlterConfigOp undo = new AlterConfigOp(new ConfigEntry("retention.ms", ""), AlterConfigOp.OpType.DELETE);
        admin.incrementalAlterConfigs(Map.of(topic, List.of(undo))).all().get();
        config = admin.describeConfigs(List.of(topic)).all().get().get(topic);
        require("it is a default again", config.get("retention.ms").source() != ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
    }

    static void records(Admin admin) throws Exception {
        admin.deleteRecords(Map.of(partition(2), RecordsToDelete.beforeOffset(40))).all().get();
        ListOffsetsResult starts = admin.listOffsets(Map.of(partition(2), OffsetSpec.earliest()));
        equal("start", 40L, starts.partitionResult(partition(2)).get().offset());
        ListOffsetsResult newest = admin.listOffsets(Map.of(partition(2), OffsetSpec.maxTimestamp()));
        equal("time of the newest", START + MESSAGES - 1, newest.partitionResult(partition(2)).get().timestamp());
        require("log dirs", admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1).size() == 1);
        admin.createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(5))).all().get();
        admin.deleteTopics(List.of(TOPIC)).all().get();
        equal("topics", Set.of(), admin.listTopics().names().get());
    }

    static Consumer<String, String> consumer(Map<String, Object> settings) {
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    static TopicPartition partition(int number) {
        return new TopicPartition(TOPIC, number);
    }

    static void equal(String what, Object expected, Object found) {
        require(what + ": " + found + " instead of " + expected, expected.equals(found));
    }

    static void require(String what, boolean isSo) {
        if (!isSo) {
            throw new AssertionError(what);
        }
    }
}
