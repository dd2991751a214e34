// What of librdkafka's suite is run against the broker, what passes, what fails and what is left out, with the reasons. The lists may only
// get better: a test that passes stays among those that pass.
import type { LibrdkafkaPlan } from "../kit/librdkafka-brokers.ts";

/** A few that take a second or two: records in and out, groups, offsets, idempotence. */
export const LIBRDKAFKA_FEW: readonly LibrdkafkaPlan[] = [
  {
    broker: "open",
    mode: "quick",
    numbers: ["0003", "0005", "0012", "0029", "0048", "0054", "0070", "0073", "0090", "0099", "0113", "0130", "0137", "0140"],
  },
];

/** All that asks a broker, but for what is left out. */
export const LIBRDKAFKA_ALL: readonly LibrdkafkaPlan[] = [
  {
    broker: "open",
    mode: "quick",
    numbers: [
      ...["0001", "0002", "0003", "0005", "0007", "0008", "0011", "0012", "0013", "0014", "0015", "0016", "0017", "0020", "0021", "0022"],
      ...["0029", "0030", "0031", "0033", "0034", "0035", "0036", "0038", "0039", "0040", "0041", "0042", "0044", "0048", "0049", "0051"],
      ...["0052", "0053", "0054", "0055", "0056", "0057", "0059", "0060", "0063", "0064", "0065", "0067", "0068", "0069", "0070", "0073"],
      ...["0075", "0076", "0077", "0081", "0083", "0084", "0085", "0086", "0088", "0090", "0091", "0093", "0094", "0098", "0099", "0103"],
      ...["0109", "0110", "0112", "0113", "0114", "0115", "0118", "0119", "0123", "0125", "0127", "0129", "0130", "0137", "0140"],
    ],
  },
  // Quickly they would do nothing.
  {
    broker: "open",
    mode: "whole",
    numbers: ["0018", "0019", "0026", "0045", "0050", "0061", "0082", "0089", "0102", "0122", "0132"],
  },
  { broker: "sparing", mode: "whole", numbers: ["0045", "0107", "0111"] },
  { broker: "secure", mode: "quick", numbers: ["0135", "0142"] },
];

/** Of share groups. */
export const LIBRDKAFKA_SHARE: readonly LibrdkafkaPlan[] = [
  {
    broker: "open",
    mode: "whole",
    numbers: ["0170", "0171", "0172", "0174", "0175", "0176", "0177", "0178", "0179", "0180", "0181", "0184", "0185"],
  },
];

/** Tests that fail. */
export const LIBRDKAFKA_FAILS: Readonly<Record<string, string>> = {};
export const LIBRDKAFKA_SHARE_FAILS: Readonly<Record<string, string>> = {
  "0179_share_consumer_destroy":
    "counts on the first fetch of a new group to be answered with one of its two partitions, as Apache Kafka does while it loads the other",
};

/** Numbers of tests that are not run, beside those that ask no broker (the suite calls them local) or one of librdkafka's own (`_mock`). */
export const LIBRDKAFKA_LEFT_OUT: Readonly<Record<string, string>> = {
  "0028": "the suite leaves it out: an issue of librdkafka that is known",
  "0047": "the suite leaves it out: an issue of librdkafka that is known",
  "0092": "the suite leaves it out: it writes message sets of format 1, which Apache Kafka 4 takes no more",
  "0097": "wants the certificates of the suite's own cluster; TLS is shown by other clients",
  "0101": "wants three brokers: it fetches from followers",
  "0126": "wants a server of OAuth tokens",
  "0173": "fails with one node of Apache Kafka 4.3.1 too: it waits in vain for records whose lock has run out",
  "0190": "the suite leaves it out: it is run by hand",
  "8000": "the suite leaves it out: it is run by hand",
  "8001": "the suite leaves it out: it is run by hand",
};

/** What one node of Apache Kafka 4.3.1 gets, counted as below. */
export const LIBRDKAFKA_APACHE = { passed: 98, failed: 0 } as const;

/** In order. */
export const LIBRDKAFKA_SHARE_PASSES: readonly string[] = [
  "0170_share_consumer_subscription",
  "0171_share_consumer_consume",
  "0172_share_consumer_acknowledge",
  "0174_share_consumer_concurrency",
  "0175_share_consumer_groups",
  "0176_share_consumer_commit_sync",
  "0177_share_consumer_transactions",
  "0178_share_consumer_close",
  "0180_share_consumer_config",
  "0181_share_consumer_topic_delete",
  "0184_share_consumer_topic_recreate",
  "0185_share_consumer_max_poll_interval",
];

/** In order. */
export const LIBRDKAFKA_PASSES: readonly string[] = [
  "0001_multiobj",
  "0002_unkpart",
  "0003_msgmaxsize",
  "0005_order",
  "0007_autotopic",
  "0008_reqacks",
  "0011_produce_batch",
  "0012_produce_consume",
  "0013_null_msgs",
  "0014_reconsume_191",
  "0015_offsets_seek",
  "0016_client_swname",
  "0017_compression",
  "0018_cgrp_term",
  "0019_list_groups",
  "0020_destroy_hang",
  "0021_rkt_destroy",
  "0022_consume_batch",
  "0026_consume_pause",
  "0029_assign_offset",
  "0030_offset_commit",
  "0031_get_offsets",
  "0033_regex_subscribe",
  "0034_offset_reset",
  "0035_api_version",
  "0036_partial_fetch",
  "0038_performance",
  "0039_event_dr",
  "0040_io_event",
  "0041_fetch_max_bytes",
  "0042_many_topics",
  "0044_partition_cnt",
  "0045_resubscribe_with_regex",
  "0045_subscribe_many_updates",
  "0045_subscribe_update",
  "0045_subscribe_update_non_exist_and_partchange",
  "0045_subscribe_update_topic_remove",
  "0048_partitioner",
  "0049_consume_conn_close",
  "0050_subscribe_adds",
  "0051_assign_adds",
  "0052_msg_timestamps",
  "0053_stats",
  "0054_offset_time",
  "0055_producer_latency",
  "0056_balanced_group_mt",
  "0057_invalid_topic",
  "0059_bsearch",
  "0060_op_prio",
  "0061_consumer_lag",
  "0063_clusterid",
  "0064_interceptors",
  "0065_yield",
  "0067_empty_topic",
  "0068_produce_timeout",
  "0069_consumer_add_parts",
  "0070_null_empty",
  "0073_headers",
  "0075_retry",
  "0076_produce_retry",
  "0077_compaction",
  "0081_admin",
  "0082_fetch_max_bytes",
  "0083_cb_event",
  "0084_destroy_flags",
  "0085_headers",
  "0086_purge_remote",
  "0088_produce_metadata_timeout",
  "0089_max_poll_interval",
  "0090_idempotence",
  "0091_max_poll_interval_timeout",
  "0093_holb_consumer",
  "0094_idempotence_msg_timeout",
  "0098_consumer_txn",
  "0099_commit_metadata",
  "0102_static_group_rebalance",
  "0103_transactions",
  "0107_topic_recreate",
  "0109_auto_create_topics",
  "0110_batch_size",
  "0111_delay_create_topics",
  "0112_assign_unknown_part",
  "0113_cooperative_rebalance",
  "0114_sticky_partitioning",
  "0115_producer_auth",
  "0118_commit_rebalance",
  "0119_consumer_auth",
  "0122_buffer_cleaning_after_rebalance",
  "0123_connections_max_idle",
  "0125_immediate_flush",
  "0127_fetch_queue_backoff",
  "0129_fetch_aborted_msgs",
  "0130_store_offsets",
  "0132_strategy_ordering",
  "0135_sasl_credentials",
  "0137_barrier_batch_consume",
  "0140_commit_metadata",
  "0142_reauthentication",
];
