"""Kafka: reads a topic into the log exactly once, publishes events to a topic, measures the lag."""
