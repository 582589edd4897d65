# corpus.sh - which folders a target begins with; for run.sh, check_corpus.sh.
# Sourced in the project's folder.

# corpus_of TARGET: its folders, the shared one of pages behind its own.
corpus_of() {
	[ -d "tests/fuzz/corpus/$1" ] && echo "tests/fuzz/corpus/$1"
	case $1 in
	clean | output | parse) echo tests/fuzz/corpus/page ;;
	esac
}

# dict_of TARGET: its dictionary, nothing when it has none.
dict_of() {
	case $1 in
	clean | output | parse) echo tests/fuzz/dict/html.dict ;;
	sitemap | feed) echo tests/fuzz/dict/xml.dict ;;
	*) [ -e "tests/fuzz/dict/$1.dict" ] && echo "tests/fuzz/dict/$1.dict" ;;
	esac
}
