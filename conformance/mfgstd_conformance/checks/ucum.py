"""Is a text a UCUM unit code? The grammar of UCUM 2.1 with its atoms, case-sensitive.

Atoms and prefixes are written from UCUM's tables; nothing is converted here.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_PREFIXES: Final = (
    "Y", "Z", "E", "P", "T", "G", "M", "k", "h", "da", "d", "c", "m", "u", "n", "p", "f", "a",
    "z", "y", "Ki", "Mi", "Gi", "Ti", "Q", "R", "r", "q",
)  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Atoms that take prefixes.
_METRIC: Final = _words(
    """m s g rad K C cd mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv gon deg' l L ar
    t bar u eV pc [c] [h] [k] [eps_0] [mu_0] [e] [m_e] [m_p] [G] [g] [ly] gf erg dyn P St Gal
    Ky G Oe Gb Mx sb ph Lmb cal cal_[15] cal_[20] cal_m cal_IT cal_th Ci R RAD REM [iU] [IU] kat
    U st mho Np B B[SPL] B[V] B[mV] B[uV] B[10.nV] B[W] B[kW] bit By Bd eq osm katal [m/s2/Hz^0.5]
    bit_s tex m[H2O] m[Hg] g% att b Bi [p'diop] g.m/s"""
)

#: Atoms that stand alone.
_OTHER: Final = _words(
    """10* 10^ [pi] % [ppth] [ppm] [ppb] [pptr] deg ' '' min h d a_t a_j a_g a wk mo_s mo_j mo_g mo
    AU atm [lbf_av] [in_i] [ft_i] [yd_i] [mi_i] [fth_i] [nmi_i] [kn_i] [sin_i] [sft_i] [syd_i]
    [cin_i] [cft_i] [cyd_i] [bf_i] [cr_i] [mil_i] [cml_i] [hd_i] [ft_us] [yd_us] [in_us] [rd_us]
    [ch_us] [lk_us] [rch_us] [rlk_us] [fth_us] [fur_us] [mi_us] [acr_us] [srd_us] [smi_us] [sct]
    [twp] [mil_us] [in_br] [ft_br] [rd_br] [ch_br] [lk_br] [fth_br] [pc_br] [yd_br] [mi_br]
    [nmi_br] [kn_br] [acr_br] [gal_us] [bbl_us] [qt_us] [pt_us] [gil_us] [foz_us] [fdr_us]
    [min_us] [crd_us] [bu_us] [gal_wi] [pk_us] [dqt_us] [dpt_us] [tbs_us] [tsp_us] [cup_us]
    [foz_m] [cup_m] [tsp_m] [tbs_m] [gal_br] [pk_br] [bu_br] [qt_br] [pt_br] [gil_br] [foz_br]
    [fdr_br] [min_br] [gr] [lb_av] [oz_av] [dr_av] [scwt_av] [lcwt_av] [ston_av] [lton_av]
    [stone_av] [pwt_tr] [oz_tr] [lb_tr] [sc_ap] [dr_ap] [oz_ap] [lb_ap] [oz_m] [lne] [pnt] [pca]
    [pnt_pr] [pca_pr] [pied] [pouce] [ligne] [didot] [cicero] [degF] [degR] [degRe] [Cal]
    [Btu_39] [Btu_59] [Btu_60] [Btu_m] [Btu_IT] [Btu_th] [Btu] [HP] [psi] [in_i'Hg] [in_i'H2O]
    [pH] [S] circ sph [car_m] [car_Au] [smoot] [hnsf'U] [den] [mesh_i] [Ch] [drp] [diop] [HPF]
    [LPF] [CFU] [PFU] [bdsk'U] [todd'U] [dye'U] [smgy'U] [ka'U] [knk'U] [mclg'U] [tb'U]
    [arb'U] [USP'U] [GPL'U] [MPL'U] [APL'U] [beth'U] [anti'Xa'U] [AU] [BAU] [Amb'a'1'U] [FEU]
    [MET] [hp'_X] [hp'_C] [hp'_M] [hp'_Q] [hp_X] [hp_C] [hp_M] [hp_Q] [kp_X] [TPF] [CFU]
    %[slope]"""
)

_ANNOTATION: Final = re.compile(r"\{[!-z|~]*\}")
_EXPONENT: Final = re.compile(r"[+-]?[0-9]+")
_ATOM: Final = re.compile(r"[A-Za-z\[%'*^]")
_LIMIT: Final = 200


@cache
def is_unit(code: str) -> bool:
    """Whether ``code`` is a valid case-sensitive UCUM unit term."""
    if not code or len(code) > _LIMIT or not code.isascii() or " " in code:
        return False
    reader = _Reader(code)
    return reader.term(0) and reader.at == len(code)


class _Reader:
    """A recursive descent over one code; parentheses nest at most so deep."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.at = 0

    def term(self, depth: int) -> bool:
        if depth > 20:
            return False
        if self._peek() == "/":
            self.at += 1
        while self._component(depth):
            if self._peek() not in {".", "/"} or not self._peek():
                return True
            self.at += 1
        return False

    def _peek(self) -> str:
        return self.code[self.at : self.at + 1]

    def _component(self, depth: int) -> bool:
        head = self._peek()
        if head == "(":
            self.at += 1
            if not self.term(depth + 1) or self._peek() != ")":
                return False
            self.at += 1
            return True
        if head == "{":
            return self._annotation()
        if head.isdigit() and not self.code.startswith(("10*", "10^"), self.at):
            while self._peek().isdigit():
                self.at += 1
            return True
        return self._annotatable()

    def _annotation(self) -> bool:
        found = _ANNOTATION.match(self.code, self.at)
        if found is None:
            return False
        self.at = found.end()
        return True

    def _annotatable(self) -> bool:
        start, inside = self.at, False
        if self.code.startswith(("10*", "10^"), start):
            self.at += 3
        while self.at < len(self.code):
            char = self.code[self.at]
            if char == "[":
                inside = True
            elif char == "]":
                inside = False
            elif not inside and (char in "./(){}+-" or char.isdigit()):
                break
            self.at += 1
        if not _is_atom(self.code[start : self.at]):
            return False
        if exponent := _EXPONENT.match(self.code, self.at):
            self.at = exponent.end()
        return self._annotation() if self._peek() == "{" else True


def _is_atom(text: str) -> bool:
    if text in _METRIC or text in _OTHER:
        return True
    return any(text.startswith(prefix) and text[len(prefix) :] in _METRIC for prefix in _PREFIXES)
