/// @file
/// Exercise 1: a new command.
#pragma once

#include "disk/root.hpp"
#include "disk/store.hpp"
#include "wire/protocol.hpp"

namespace exercise {

/// Serves the request `remove`: removes files below a root, all of those
/// that it names or, as far as can be known beforehand, none.
///
/// @param payload the paths, written as those of `ask` are.
/// @returns how many files are gone, and the bytes that they had. Their
/// folders have been synchronized by then: they stay gone.
/// @throws failure. What can be known beforehand is found before the
/// first file goes, and then every file is still there:
///   bad_message  the payload is no list of paths;
///   bad_path     a path leads out of the root or through a symbolic
///                link, or is that of a link, a folder or anything else
///                that is no regular file;
///   not_found    there is nothing of that name;
///   in_use       somebody writes that file now: its part is locked
///                (disk/locked_file.hpp), be it here or in another
///                process. Nothing stays locked when this has ended, in
///                whatever way.
/// What the system refuses later is what storage_failure() makes of it,
/// storage when fsync(2) fails. Other files may be gone by then.
file_transfer::totals remove_files(const file_transfer::root& where,
                                   file_transfer::byte_view payload);

} // namespace exercise
