"""`python -m labels …` is `quotes label …`, for the server that starts the app anew for each browser."""

from labels.cli import label

if __name__ == "__main__":
    label()
