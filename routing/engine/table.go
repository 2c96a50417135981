package engine

// table maps contact numbers to slots: open addressing with backward-shift
// deletion, so that the steady state allocates nothing.
type table struct {
	keys  []int64 // 0 is empty
	slots []int32
	used  int
}

func newTable() *table { return &table{keys: make([]int64, 64), slots: make([]int32, 64)} }

func (t *table) home(key int64) int {
	h := uint64(key) * 0x9e3779b97f4a7c15
	return int((h ^ h>>29) & uint64(len(t.keys)-1))
}

func (t *table) get(key int64) (int32, bool) {
	if key <= 0 {
		return 0, false
	}
	for i := t.home(key); t.keys[i] != 0; i = (i + 1) & (len(t.keys) - 1) {
		if t.keys[i] == key {
			return t.slots[i], true
		}
	}
	return 0, false
}

func (t *table) put(key int64, slot int32) {
	if (t.used+1)*4 > len(t.keys)*3 {
		t.grow()
	}
	i := t.home(key)
	for t.keys[i] != 0 && t.keys[i] != key {
		i = (i + 1) & (len(t.keys) - 1)
	}
	if t.keys[i] == 0 {
		t.used++
	}
	t.keys[i], t.slots[i] = key, slot
}

func (t *table) grow() {
	old := *t
	t.keys, t.slots, t.used = make([]int64, 2*len(old.keys)), make([]int32, 2*len(old.slots)), 0
	for i, k := range old.keys {
		if k != 0 {
			t.put(k, old.slots[i])
		}
	}
}

func (t *table) del(key int64) {
	mask := len(t.keys) - 1
	i := t.home(key)
	for t.keys[i] != key {
		if t.keys[i] == 0 {
			return
		}
		i = (i + 1) & mask
	}
	t.used--
	for j := (i + 1) & mask; t.keys[j] != 0; j = (j + 1) & mask {
		if h := t.home(t.keys[j]); (j-h)&mask >= (j-i)&mask {
			t.keys[i], t.slots[i] = t.keys[j], t.slots[j]
			i = j
		}
	}
	t.keys[i] = 0
}
