"""The checksum of the shipped manifest, which holds those of the model files. `quotes train ship` and `quotes train seal` write it."""

MANIFEST_SHA256 = "3d23de873e160a9c18d6c98c3390d8bc28fe5dc1b1d8eac52477a5ccd830d699"
