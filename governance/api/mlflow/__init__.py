"""The registry as MLflow's client knows it: its addresses, fields, messages and error codes."""
