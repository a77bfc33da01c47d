"""The checksum of the shipped manifest, which holds those of the model files. `quotes train ship` and `quotes train seal` write it."""

MANIFEST_SHA256 = "e23b2c7073d570d068e69c042c2f54e8b5311bc49bb839d59c17f16c24171dd2"
