"""The checksum of the shipped manifest, which holds those of the model files. `quotes train ship` and `quotes train seal` write it."""

MANIFEST_SHA256 = "33f0712c992d28de6955144c9023546de56460f2e67b27b8dc8517fb3cf36d79"
