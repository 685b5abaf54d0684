"""The codec server: lets staff read encrypted payloads in the Web UI, masked and noted in the audit."""
