"""The checksum of the shipped manifest, which holds those of the model files. `quotes train ship` and `quotes train seal` write it."""

MANIFEST_SHA256 = "73e7805fc63d76ee9f9b180c09cc6f4cda1c63abb7c3f3821f1320c730f82319"
