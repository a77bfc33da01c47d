"""The checksum of the shipped manifest, which holds those of the model files. `quotes train ship` and `quotes train seal` write it."""

MANIFEST_SHA256 = "99409650f37b5330043106961bac85cf33d76deb19b16fbf08740de0351df638"
