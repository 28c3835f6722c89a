# The chapters, in the order in which they are read.
set(COURSE_CHAPTERS
    01-blocking-echo
    02-buffer-size
    03-async-io
    04-tcp-nodelay
    05-compression
    06-file-transfer
)
