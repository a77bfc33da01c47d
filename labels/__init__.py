"""The label guide and the labelled data: offsets into the corpora, never their text."""
