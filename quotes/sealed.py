"""The checksum of the shipped manifest, which holds those of the model files. `quotes train ship` and `quotes train seal` write it."""

MANIFEST_SHA256 = "2647ef84ca5333b762ddb5591ae9fa0a5432df32119c9facae524471d8614117"
