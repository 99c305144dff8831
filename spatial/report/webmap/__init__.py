"""The exported web map: vendored assets, compact encoding, page template and single-file export."""
