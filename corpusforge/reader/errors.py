"""What can be wrong with a plan or a corpus, each in one clear line."""


class ReaderError(ValueError):
    """A plan or a corpus cannot be read as asked."""


class PlanChanged(ReaderError):
    """The plan, or the snapshot it pins, is not the one that was written or resumed from."""


class ShardMissing(ReaderError):
    """A file of a shard is not there, or shorter or longer than the index says."""


class ShardDamaged(ReaderError):
    """Bytes of a shard do not match their checksum."""
