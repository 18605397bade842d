"""Names for arrays, the same in all files here."""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]  # RGB, [H, W, 3]
