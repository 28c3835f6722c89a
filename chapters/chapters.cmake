# The chapters, in the order in which they are read.
set(COURSE_CHAPTERS
    01-blocking-echo
    03-async-io
    05-compression
    06-file-transfer
)
