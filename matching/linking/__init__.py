"""Two files of records compared whole: weights by EM without labels, batches that survive a kill."""
import numpy as np
def others_of(ix, raws, rec, own):
    from matching.index.keys import hash_of, NAME, FAMILIES
    from matching.normalising import normalise
    rs=[normalise(r) for r in raws]
    nk=np.array([hash_of(r.name.ring,NAME) if r.name else 16 for r in rs],dtype=np.uint64)
    pk=np.array([hash_of(r.phone,FAMILIES.index('phone')) if r.phone else 16 for r in rs],dtype=np.uint64)
    n=ix.base.keys.blocks(nk)[1]; p=ix.base.keys.blocks(pk)[1]
    return np.maximum(n-own,0)[rec], np.maximum(p-own,0)[rec]
