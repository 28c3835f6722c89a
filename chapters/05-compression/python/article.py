"""The article's way: one call compresses, one call decompresses. What it leaves open is in the lesson."""

import sys
import zlib

## [article]
data = sys.stdin.buffer.read()
compressed = zlib.compress(data)
assert zlib.decompress(compressed) == data
print(f"{len(data)} bytes compressed to {len(compressed)}")
## [article]
