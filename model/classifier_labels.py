"""Corrections to the machine-collected labels of the single faces, found by looking at the pictures
whose label another classifier or an early state of this one doubted. Only training pictures are corrected; validation stays as it is.

Keys are `source/stem` of the picture; None drops it (no face in it, or no honest answer).
"""

from __future__ import annotations

from data import Picture

_WITHOUT, _INCORRECT = "without_mask", "mask_worn_incorrectly"


def _all(label: str | None, source: str, stems: str) -> dict[str, str | None]:
    return {f"{source}/{stem}": label for stem in stems.split()}


CORRECTIONS: dict[str, str | None] = {
    # Masks under the nose or on the chin among the unmasked and among the masked.
    **_all(_INCORRECT, "celeb", "00003 00199 00853 01827 02713 02858 03195 02791 03682 03789 04555 04771"),
    **_all(_INCORRECT, "crops", "00247 00533 00624"),
    **_all(_INCORRECT, "web", "00186 00309 00350 00414 00494 00664 00667 00672 00683 00705 00764 00803"),
    **_all(_INCORRECT, "web", "00808 00822 00861 00976 00134 00165 00240 00257 00275 00340 00346 00375"),
    **_all(_INCORRECT, "web", "00376 00377 00380 00385 00399 00416 00420 00661 00663 00669 00670 00674"),
    **_all(_INCORRECT, "web", "00676 00677 00678 00679 00682 00770"),
    **_all(_INCORRECT, "web", "00137 00180 00188 00225 00242 00285 00360 00411 00453 00548 00550 00557"),
    **_all(_INCORRECT, "web", "00444 00603 00659 00665 00706 00941 01567"),
    **_all(_INCORRECT, "crops", "00153"),
    # No mask at all.
    **_all(_WITHOUT, "crops", "00377"),
    **_all(_WITHOUT, "web", "01347 01393 01662"),
    # The mask's edge crosses the tip of the nose, or cannot be made out.
    **_all(None, "crops", "00155 00224 00391 00567 00689"),
    **_all(None, "web", "00205 00213 00348 00524 00587 00616 00742 00766"),
    # No face, a scarf, tape or fruit for a mask, a mask that is held, a person of a validation scene.
    **_all(None, "celeb", "00264 01415 01670 01765 01839 02309 03017 03821 04108 04680 04827 04835"),
    **_all(None, "crops", "00011 00099 00287 00385 00444 00472 00487 00532 00543 00613 00694 00734"),
    **_all(None, "web", "00011 00755 01295 01471 01482 01535 01538 01639 01660 01667 01698 02878 02879 02880 02881 02882"),
}


def training_label(picture: Picture) -> str | None:
    """The label to train a single-face picture with, or None to leave it out."""
    return CORRECTIONS.get(f"{picture.source}/{picture.path.stem}", picture.faces[0].label)
