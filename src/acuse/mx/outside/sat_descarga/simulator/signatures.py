"""Verifies the two signatures of the protocol, by the rules the real service is known to follow.

It is lenient where the SAT is: several clients in the wild canonicalize, transform and prefix differently and are
all accepted. `strict` takes only the plain form of the manual's text: exclusive C14N everywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from copy import deepcopy

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree

from acuse.mx.outside.sat_descarga.simulator.names import DSIG, EXC_C14N, RSA_SHA1, SHA1
from acuse.mx.outside.sat_descarga.simulator.soap import Call, Security, decode_base64

_SIGNED_INFO = f"{{{DSIG}}}SignedInfo"
_REFERENCE = f"{{{DSIG}}}SignedInfo/{{{DSIG}}}Reference"


def security_holds(security: Security, key: RSAPublicKey, *, strict: bool) -> bool:
    """Tell whether an Autentica header is signed over its Timestamp by this key."""
    reference = security.signature.find(_REFERENCE)
    if reference is None or reference.get("URI") != f"#{security.timestamp_id}":
        return False
    texts = (canonical(security.timestamp, exclusive=True), canonical(security.timestamp, exclusive=False))
    return _digest_matches(reference, texts[: 1 if strict else 2]) and _signed(security.signature, key, strict=strict)


def call_holds(call: Call, key: RSAPublicKey, *, strict: bool) -> bool:
    """Tell whether a call's operation element, without its Signature, is signed by this key."""
    if call.signature is None:
        return False
    reference = call.signature.find(_REFERENCE)
    uris = {""} if strict else {"", None, "#_0"}
    if reference is None or reference.get("URI") not in uris:
        return False
    if strict and (call.signature.prefix is not None or _algorithms(call.signature) != {EXC_C14N}):
        return False
    return _digest_matches(reference, _signed_texts(call, strict=strict)) and _signed(
        call.signature, key, strict=strict
    )


def canonical(element: etree._Element, *, exclusive: bool) -> bytes:
    """Answer the canonical XML of an element where it stands, its tail left out."""
    text: bytes = etree.tostring(element, method="c14n", exclusive=exclusive, with_tail=False)
    return text


def _signed_texts(call: Call, *, strict: bool) -> Iterator[bytes]:
    """Make the texts a client may have digested, likeliest first. The tree itself is left as it was."""
    bare = _without_signature(call.element)
    yield canonical(bare, exclusive=True)
    if strict:
        return
    yield canonical(bare, exclusive=False)
    for element in bare.iter():
        element.text = element.text if (element.text or "").strip() else None
        element.tail = element.tail if (element.tail or "").strip() else None
    yield canonical(bare, exclusive=True)
    yield canonical(bare, exclusive=False)


def _without_signature(element: etree._Element) -> etree._Element:
    """Answer the element's twin in a copy of its whole document, so that it keeps the namespaces in scope."""
    tree = element.getroottree()
    twin = deepcopy(tree).find(tree.getelementpath(element))
    if twin is None:
        raise AssertionError("a copied document holds what the original holds")
    for signature in twin.findall(f"*/{{{DSIG}}}Signature"):
        parent, before = signature.getparent(), signature.getprevious()
        if parent is None:
            continue
        if before is not None:
            before.tail = (before.tail or "") + (signature.tail or "") or None
        else:
            parent.text = (parent.text or "") + (signature.tail or "") or None
        parent.remove(signature)
    return twin


def _digest_matches(reference: etree._Element, texts: Iterator[bytes] | tuple[bytes, ...]) -> bool:
    method = reference.find(f"{{{DSIG}}}DigestMethod")
    expected = decode_base64(reference.findtext(f"{{{DSIG}}}DigestValue"))
    if method is None or method.get("Algorithm") != SHA1:
        return False
    return any(hashlib.sha1(text, usedforsecurity=False).digest() == expected for text in texts)


def _signed(signature: etree._Element, key: RSAPublicKey, *, strict: bool) -> bool:
    info = signature.find(_SIGNED_INFO)
    method = signature.find(f"{_SIGNED_INFO}/{{{DSIG}}}SignatureMethod")
    value = decode_base64(signature.findtext(f"{{{DSIG}}}SignatureValue"))
    if info is None or value is None or method is None or method.get("Algorithm") != RSA_SHA1:
        return False
    texts = [canonical(info, exclusive=True)]
    if not strict:
        texts += [canonical(info, exclusive=False), canonical(_with_default_prefix(info), exclusive=True)]
    return any(_verifies(key, value, text) for text in texts)


def _with_default_prefix(element: etree._Element, parent: etree._Element | None = None) -> etree._Element:
    """Write SignedInfo anew with xmldsig as default namespace: some clients sign before a prefix is put on."""
    if parent is None:
        twin = etree.fromstring(f'<{etree.QName(element).localname} xmlns="{DSIG}"/>')
    else:
        twin = etree.SubElement(parent, element.tag)
    twin.text, twin.tail = element.text, element.tail
    for name, value in element.attrib.items():
        twin.set(name, value)
    for child in element:
        _with_default_prefix(child, twin)
    return twin


def _algorithms(signature: etree._Element) -> set[str | None]:
    names = ("CanonicalizationMethod", "Transform")
    return {item.get("Algorithm") for name in names for item in signature.iter(f"{{{DSIG}}}{name}")}


def _verifies(key: RSAPublicKey, signature: bytes, text: bytes) -> bool:
    try:
        key.verify(signature, text, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - the protocol's own algorithm
    except InvalidSignature:
        return False
    return True
