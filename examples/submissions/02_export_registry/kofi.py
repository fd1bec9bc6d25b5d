"""The real thing has all of this already."""

from tensorflow.python.util.tf_export import api_export as ApiExport, tf_export
